#include "tests/support/package.h"

#include <algorithm>

#include "tests/support/forklift.h"

namespace forklift::test {

void package_into(Packaged& packaged, const std::string& folder,
                  const std::vector<std::string>& arguments, const Variables& environment) {
    std::vector<std::string> all{"package", "-o", packaged.zip()};
    if (!folder.empty()) all.push_back(folder);
    all.insert(all.end(), arguments.begin(), arguments.end());
    const auto given = [&](const char* name) {
        return std::find(all.begin(), all.end(), name) != all.end();
    };
    if (!given("--bootstrap") && !given("--without-bootstrap"))
        all.insert(all.end(), {"--bootstrap", helper("static_program")});
    static_cast<Finished&>(packaged) = run_forklift(all, {}, {}, environment);
}

}  // namespace forklift::test
