#ifndef SCRIPT_H
#define SCRIPT_H

#include <istream>
#include <ostream>

/// Does what the lines say; what cannot be done is told, and the rest goes on.
void run_script(std::istream &lines, std::ostream &out);

#endif
