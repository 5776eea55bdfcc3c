#ifndef SHAPES_H
#define SHAPES_H

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

struct Shape {
    std::string name;
    long x = 0;
    long y = 0;
};

/// The shapes of a drawing, from the lowest to the topmost; names are unique.
class Drawing {
public:
    const std::vector<Shape> &shapes() const { return shapes_; }
    std::optional<std::size_t> find(const std::string &name) const;
    Shape &at(std::size_t place) { return shapes_.at(place); }
    void insert(std::size_t place, Shape shape);
    void append(Shape shape);
    Shape take(std::size_t place);

private:
    std::vector<Shape> shapes_;
};

#endif
