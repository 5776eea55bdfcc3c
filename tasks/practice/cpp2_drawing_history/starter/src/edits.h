#ifndef EDITS_H
#define EDITS_H

#include "shapes.h"

#include <memory>
#include <stdexcept>
#include <string>

/// Why a command cannot be done.
class Refused : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A change of a drawing that can be taken back.
class Edit {
public:
    virtual ~Edit() = default;
    /// Throws Refused, and then has changed nothing.
    virtual void apply(Drawing &drawing) = 0;
    virtual void revert(Drawing &drawing) = 0;
};

std::unique_ptr<Edit> add_shape(const std::string &name, long x, long y);
std::unique_ptr<Edit> move_shape(const std::string &name, long dx, long dy);
std::unique_ptr<Edit> rename_shape(const std::string &from, const std::string &to);
std::unique_ptr<Edit> delete_shape(const std::string &name);
std::unique_ptr<Edit> raise_shape(const std::string &name);

#endif
