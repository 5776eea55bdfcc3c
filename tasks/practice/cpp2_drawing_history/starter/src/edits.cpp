#include "edits.h"

#include <utility>

namespace {

std::size_t known(const Drawing &drawing, const std::string &name)
{
    const auto place = drawing.find(name);
    if (!place)
        throw Refused("no shape " + name);
    return *place;
}

void must_be_free(const Drawing &drawing, const std::string &name)
{
    if (drawing.find(name))
        throw Refused("there is a shape " + name);
}

class Add : public Edit {
public:
    explicit Add(Shape shape) : shape_(std::move(shape)) {}
    void apply(Drawing &drawing) override
    {
        must_be_free(drawing, shape_.name);
        drawing.append(shape_);
    }
    void revert(Drawing &drawing) override { drawing.take(known(drawing, shape_.name)); }

private:
    Shape shape_;
};

class Move : public Edit {
public:
    Move(std::string name, long dx, long dy) : name_(std::move(name)), dx_(dx), dy_(dy) {}
    void apply(Drawing &drawing) override { by(drawing, dx_, dy_); }
    void revert(Drawing &drawing) override { by(drawing, -dx_, -dy_); }

private:
    void by(Drawing &drawing, long dx, long dy)
    {
        Shape &shape = drawing.at(known(drawing, name_));
        shape.x += dx;
        shape.y += dy;
    }

    std::string name_;
    long dx_;
    long dy_;
};

class Rename : public Edit {
public:
    Rename(std::string from, std::string to) : from_(std::move(from)), to_(std::move(to)) {}
    void apply(Drawing &drawing) override
    {
        const std::size_t place = known(drawing, from_);
        if (from_ != to_)
            must_be_free(drawing, to_);
        drawing.at(place).name = to_;
    }
    void revert(Drawing &drawing) override { drawing.at(known(drawing, to_)).name = from_; }

private:
    std::string from_;
    std::string to_;
};

class Delete : public Edit {
public:
    explicit Delete(std::string name) : name_(std::move(name)) {}
    void apply(Drawing &drawing) override { taken_ = drawing.take(known(drawing, name_)); }
    void revert(Drawing &drawing) override { drawing.append(taken_); }

private:
    std::string name_;
    Shape taken_;
};

class Raise : public Edit {
public:
    explicit Raise(std::string name) : name_(std::move(name)) {}
    void apply(Drawing &drawing) override
    {
        drawing.append(drawing.take(known(drawing, name_)));
    }
    void revert(Drawing &drawing) override
    {
        drawing.insert(0, drawing.take(known(drawing, name_)));
    }

private:
    std::string name_;
};

} // namespace

std::unique_ptr<Edit> add_shape(const std::string &name, long x, long y)
{
    return std::make_unique<Add>(Shape{name, x, y});
}

std::unique_ptr<Edit> move_shape(const std::string &name, long dx, long dy)
{
    return std::make_unique<Move>(name, dx, dy);
}

std::unique_ptr<Edit> rename_shape(const std::string &from, const std::string &to)
{
    return std::make_unique<Rename>(from, to);
}

std::unique_ptr<Edit> delete_shape(const std::string &name)
{
    return std::make_unique<Delete>(name);
}

std::unique_ptr<Edit> raise_shape(const std::string &name)
{
    return std::make_unique<Raise>(name);
}
