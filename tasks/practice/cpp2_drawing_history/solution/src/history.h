#ifndef HISTORY_H
#define HISTORY_H

#include "edits.h"

#include <memory>
#include <vector>

/// What was done to a drawing, and how it is taken back and done again.
class History {
public:
    explicit History(Drawing &drawing) : drawing_(drawing) {}
    void perform(std::unique_ptr<Edit> edit);
    void undo();
    void redo();
    void begin();
    void commit();
    void rollback();

private:
    using Step = std::vector<std::unique_ptr<Edit>>;

    void revert(Step &step);

    Drawing &drawing_;
    std::vector<Step> done_;
    std::vector<Step> undone_;
    Step open_;
    bool in_group_ = false;
};

#endif
