"""Parts of pages that several pages show, and the analysis page's longer answers."""
