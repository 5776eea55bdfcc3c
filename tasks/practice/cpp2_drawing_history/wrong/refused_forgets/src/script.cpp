#include "script.h"

#include "edits.h"
#include "history.h"

#include <sstream>
#include <string>
#include <vector>

namespace {

std::vector<std::string> words_of(const std::string &line)
{
    std::istringstream stream(line);
    std::vector<std::string> words;
    for (std::string word; stream >> word;)
        words.push_back(word);
    return words;
}

void list(const Drawing &drawing, std::ostream &out)
{
    for (const Shape &shape : drawing.shapes())
        out << shape.name << ' ' << shape.x << ' ' << shape.y << '\n';
    out << "--\n";
}

void run(const std::vector<std::string> &words, Drawing &drawing, History &history,
         std::ostream &out)
{
    const std::string &command = words[0];
    const std::size_t count = words.size();
    if (command == "add" && count == 4)
        history.perform(add_shape(words[1], std::stol(words[2]), std::stol(words[3])));
    else if (command == "move" && count == 4)
        history.perform(move_shape(words[1], std::stol(words[2]), std::stol(words[3])));
    else if (command == "rename" && count == 3)
        history.perform(rename_shape(words[1], words[2]));
    else if (command == "delete" && count == 2)
        history.perform(delete_shape(words[1]));
    else if (command == "raise" && count == 2)
        history.perform(raise_shape(words[1]));
    else if (command == "undo" && count == 1)
        history.undo();
    else if (command == "redo" && count == 1)
        history.redo();
    else if (command == "begin" && count == 1)
        history.begin();
    else if (command == "commit" && count == 1)
        history.commit();
    else if (command == "rollback" && count == 1)
        history.rollback();
    else if (command == "list" && count == 1)
        list(drawing, out);
    else
        throw Refused("no command " + command);
}

} // namespace

void run_script(std::istream &lines, std::ostream &out)
{
    Drawing drawing;
    History history(drawing);
    for (std::string line; std::getline(lines, line);) {
        const std::vector<std::string> words = words_of(line);
        if (words.empty())
            continue;
        try {
            run(words, drawing, history, out);
        } catch (const Refused &why) {
            out << "refused: " << why.what() << '\n';
        }
    }
}
