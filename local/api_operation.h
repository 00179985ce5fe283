#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace forklift::local {

/// What a method at a path of Lambda's API is called: "GetFunction".
struct ApiOperation {
    std::string_view name;
};

/// The API has none.
struct NoOperation {
    /// The methods that it has at that path, "GET, PUT"; empty when it has no such path.
    std::string methods;
};

/// Does a path, of these decoded segments, belong to Lambda's API? So it does when it begins with a
/// date of the API and one of its collections: "2015-03-31", "functions".
bool is_api_path(const std::vector<std::string>& segments);

std::variant<ApiOperation, NoOperation> find_operation(std::string_view method,
                                                       const std::vector<std::string>& segments);

}  // namespace forklift::local
