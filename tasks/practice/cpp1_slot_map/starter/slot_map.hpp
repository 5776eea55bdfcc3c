#ifndef SLOT_MAP_HPP
#define SLOT_MAP_HPP

#include <cstddef>
#include <cstdint>

/// Names a value of one slot_map.
struct handle {
    std::uint32_t slot = 0;

    friend bool operator==(const handle &a, const handle &b) { return a.slot == b.slot; }
    friend bool operator!=(const handle &a, const handle &b) { return !(a == b); }
};

template <class T>
class slot_map {
public:
    handle insert(const T &value);
    handle insert(T &&value);
    bool erase(handle which);
    T *get(handle which);
    const T *get(handle which) const;
    std::size_t size() const;
    T *begin();
    T *end();
    const T *begin() const;
    const T *end() const;
    void clear();
};

#endif
