#ifndef HISTORY_H
#define HISTORY_H

#include "edits.h"

#include <memory>
#include <vector>

/// What was done to a drawing, and how it is taken back.
class History {
public:
    explicit History(Drawing &drawing) : drawing_(drawing) {}
    void perform(std::unique_ptr<Edit> edit);
    void undo();

private:
    Drawing &drawing_;
    std::vector<std::unique_ptr<Edit>> done_;
};

#endif
