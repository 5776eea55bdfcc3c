#include "history.h"

#include <utility>

void History::perform(std::unique_ptr<Edit> edit)
{
    done_.push_back(std::move(edit));
    done_.back()->apply(drawing_);
}

void History::undo()
{
    if (done_.empty())
        throw Refused("nothing to undo");
    done_.back()->revert(drawing_);
    done_.pop_back();
}
