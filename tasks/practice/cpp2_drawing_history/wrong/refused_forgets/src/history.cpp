#include "history.h"

#include <utility>

void History::perform(std::unique_ptr<Edit> edit)
{
    undone_.clear();
    edit->apply(drawing_);
    open_.push_back(std::move(edit));
    if (!in_group_) {
        done_.push_back(std::move(open_));
        open_ = Step();
    }
}

void History::undo()
{
    if (in_group_)
        throw Refused("a group is open");
    if (done_.empty())
        throw Refused("nothing to undo");
    revert(done_.back());
    undone_.push_back(std::move(done_.back()));
    done_.pop_back();
}

void History::redo()
{
    if (in_group_)
        throw Refused("a group is open");
    if (undone_.empty())
        throw Refused("nothing to redo");
    for (auto &edit : undone_.back())
        edit->apply(drawing_);
    done_.push_back(std::move(undone_.back()));
    undone_.pop_back();
}

void History::begin()
{
    if (in_group_)
        throw Refused("a group is open");
    in_group_ = true;
}

void History::commit()
{
    if (!in_group_)
        throw Refused("no group is open");
    in_group_ = false;
    if (!open_.empty())
        done_.push_back(std::move(open_));
    open_ = Step();
}

void History::rollback()
{
    if (!in_group_)
        throw Refused("no group is open");
    in_group_ = false;
    revert(open_);
    open_ = Step();
}

void History::revert(Step &step)
{
    for (auto edit = step.rbegin(); edit != step.rend(); ++edit)
        (*edit)->revert(drawing_);
}
