#include "script.h"

#include <iostream>

int main()
{
    run_script(std::cin, std::cout);
}
