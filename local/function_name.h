#pragma once

#include <string>
#include <string_view>
#include <variant>

namespace forklift::local {

/// How a caller of Lambda's API names a function: its name, or more or less of its ARN.
struct FunctionName {
    std::string name;
    /// The version or alias that stands behind it; may be empty.
    std::string qualifier;
};

/// Reads a name by the API's pattern and limits (API_Invoke, "FunctionName"). What is none gets the
/// constraint that it fails to satisfy, in the API's words.
std::variant<FunctionName, std::string> read_function_name(std::string_view text);

/// The version that runs when a caller asks for `qualifier`: a number is a version of its own, an
/// alias or none means $LATEST, since aliases are not known here.
std::string version_of(std::string_view qualifier);

/// True for text of which a version or an alias may be made (API_Invoke, "Qualifier"). Anything
/// else could end the line of the header in which the function's ARN goes to the runtime.
bool is_qualifier(std::string_view text);

}  // namespace forklift::local
