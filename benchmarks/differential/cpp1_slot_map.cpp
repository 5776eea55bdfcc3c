// Random insertions, erasures and copies: prints every answer of slot_map.hpp.
#include "slot_map.hpp"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

static long alive = 0;
static long copies_left = -1;

class Value {
public:
    explicit Value(int number) : number_(new int(number)) { ++alive; }
    Value(const Value &other) : number_(nullptr)
    {
        if (copies_left == 0)
            throw std::runtime_error("no copy");
        if (copies_left > 0)
            --copies_left;
        number_ = new int(*other.number_);
        ++alive;
    }
    Value(Value &&other) noexcept : number_(new int(*other.number_)) { *other.number_ = -1; ++alive; }
    Value &operator=(const Value &) = delete;
    ~Value() { delete number_; --alive; }
    int number() const { return *number_; }

private:
    int *number_;
};

static std::mt19937 draw;

static int below(int most) { return static_cast<int>(draw() % static_cast<unsigned>(most)); }

static void show(const slot_map<Value> &map, const std::vector<handle> &all)
{
    std::printf("%zu %ld:", map.size(), static_cast<long>(map.end() - map.begin()));
    for (const Value &value : map)
        std::printf(" %d", value.number());
    std::printf(" |");
    for (const handle &each : all) {
        const Value *found = map.get(each);
        std::printf(" %d", found ? found->number() : -2);
    }
    std::printf(" alive %ld\n", alive);
}

static void once()
{
    slot_map<Value> map;
    std::vector<handle> all(1);
    for (int turn = 0; turn < 60; ++turn) {
        const handle one = all[static_cast<std::size_t>(below(static_cast<int>(all.size())))];
        switch (below(12)) {
        case 0: case 1: case 2: all.push_back(map.insert(Value(turn))); break;
        case 3: {
            const Value value(100 + turn);
            all.push_back(map.insert(value));
            break;
        }
        case 4: case 5: case 6: std::printf("%d ", map.erase(one)); break;
        case 7:
            if (map.size())
                all.push_back(map.insert(map.begin()[below(static_cast<int>(map.size()))]));
            break;
        case 8:
            copies_left = below(3);
            try {
                const handle made = map.insert(*std::make_unique<const Value>(200 + turn));
                all.push_back(made);
            } catch (const std::runtime_error &) {
                std::printf("threw ");
            }
            try {
                slot_map<Value> copy(map);
            } catch (const std::runtime_error &) {
                std::printf("threw ");
            }
            copies_left = -1;
            break;
        case 9: {
            slot_map<Value> copy(map);
            copy.erase(one);
            copy.insert(Value(turn));
            show(copy, all);
            if (below(2))
                map = std::move(copy);
            else
                map = copy;
            all.resize(1);
            for (int i = 0; i < 3; ++i)
                all.push_back(map.insert(Value(i)));
            break;
        }
        case 10: {
            slot_map<Value> moved(std::move(map));
            map = moved;
            break;
        }
        default:
            if (below(4) == 0)
                map.clear();
        }
        show(map, all);
        for (std::size_t i = 1; i < all.size(); ++i)
            for (std::size_t j = 0; j < i; ++j)
                if ((all[i] == all[j]) || !(all[i] != all[j]))
                    std::printf("equal ");
    }
}

int main(int argc, char **argv)
{
    draw.seed(argc > 1 ? static_cast<unsigned>(std::atol(argv[1])) : 1u);
    for (int i = 0; i < 60; ++i)
        once();
    slot_map<std::unique_ptr<int>> only_moved;
    const handle first = only_moved.insert(std::make_unique<int>(1));
    only_moved.erase(first);
    for (int i = 0; i < 70000; ++i)
        if (!only_moved.erase(only_moved.insert(std::make_unique<int>(i))) || only_moved.get(first))
            std::printf("wrong at %d\n", i);
    std::printf("alive %ld\n", alive);
}
