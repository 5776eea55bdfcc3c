#ifndef SLOT_MAP_HPP
#define SLOT_MAP_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>

/// Names a value of one slot_map.
struct handle {
    std::uint32_t slot = 0;
    std::uint64_t generation = 0;

    friend bool operator==(const handle &a, const handle &b)
    {
        return a.slot == b.slot && a.generation == b.generation;
    }
    friend bool operator!=(const handle &a, const handle &b) { return !(a == b); }
};

template <class T>
class slot_map {
public:
    slot_map() = default;
    slot_map(const slot_map &) = default;
    slot_map(slot_map &&) = default;

    // A vector would assign its values.
    slot_map &operator=(slot_map other)
    {
        values_.swap(other.values_);
        owners_.swap(other.owners_);
        slots_.swap(other.slots_);
        std::swap(free_, other.free_);
        return *this;
    }

    handle insert(const T &value) { return emplace(value); }
    handle insert(T &&value) { return emplace(std::move(value)); }

    bool erase(handle which)
    {
        if (!contains(which))
            return false;
        const std::uint32_t place = slots_[which.slot].place;
        const std::uint32_t last = static_cast<std::uint32_t>(values_.size()) - 1;
        if (place != last) {
            // T need not be assignable: one goes, the other is made in its place.
            T *gap = values_.data() + place;
            gap->~T();
            ::new (static_cast<void *>(gap)) T(std::move(values_.back()));
            owners_[place] = owners_[last];
            slots_[owners_[place]].place = place;
        }
        values_.pop_back();
        owners_.pop_back();
        retire(which.slot);
        return true;
    }

    T *get(handle which)
    {
        return contains(which) ? values_.data() + slots_[which.slot].place : nullptr;
    }
    const T *get(handle which) const
    {
        return contains(which) ? values_.data() + slots_[which.slot].place : nullptr;
    }

    std::size_t size() const { return values_.size(); }
    T *begin() { return values_.data(); }
    T *end() { return values_.data() + values_.size(); }
    const T *begin() const { return values_.data(); }
    const T *end() const { return values_.data() + values_.size(); }

    void clear()
    {
        for (std::uint32_t slot : owners_)
            retire(slot);
        values_.clear();
        owners_.clear();
    }

private:
    struct slot {
        std::uint64_t generation = 0;
        std::uint32_t place = 0; // or the next free slot
        bool used = false;
    };

    template <class U>
    handle emplace(U &&value)
    {
        // All that may throw comes before anything has changed.
        if (free_ == UINT32_MAX && slots_.size() == slots_.capacity())
            slots_.reserve(2 * slots_.size() + 1);
        if (owners_.size() == owners_.capacity())
            owners_.reserve(2 * owners_.size() + 1);
        values_.push_back(std::forward<U>(value));
        std::uint32_t found = free_;
        if (found == UINT32_MAX) {
            found = static_cast<std::uint32_t>(slots_.size());
            slots_.emplace_back();
        } else {
            free_ = slots_[found].place;
        }
        slots_[found].place = static_cast<std::uint32_t>(values_.size()) - 1;
        slots_[found].used = true;
        owners_.push_back(found);
        return handle{found, slots_[found].generation};
    }

    bool contains(handle which) const
    {
        return which.slot < slots_.size() && slots_[which.slot].used &&
               slots_[which.slot].generation == which.generation;
    }

    void retire(std::uint32_t which)
    {
        slots_[which].used = false;
        ++slots_[which].generation;
        slots_[which].place = free_;
        free_ = which;
    }

    std::vector<T> values_;
    std::vector<std::uint32_t> owners_; // the slot of each value
    std::vector<slot> slots_;
    std::uint32_t free_ = UINT32_MAX;
};

#endif
