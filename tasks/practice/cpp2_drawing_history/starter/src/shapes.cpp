#include "shapes.h"

#include <utility>

std::optional<std::size_t> Drawing::find(const std::string &name) const
{
    for (std::size_t place = 0; place < shapes_.size(); ++place)
        if (shapes_[place].name == name)
            return place;
    return std::nullopt;
}

void Drawing::insert(std::size_t place, Shape shape)
{
    shapes_.insert(shapes_.begin() + static_cast<std::ptrdiff_t>(place), std::move(shape));
}

void Drawing::append(Shape shape)
{
    shapes_.push_back(std::move(shape));
}

Shape Drawing::take(std::size_t place)
{
    Shape taken = std::move(shapes_.at(place));
    shapes_.erase(shapes_.begin() + static_cast<std::ptrdiff_t>(place));
    return taken;
}
