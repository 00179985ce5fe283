#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace forklift::protocol {

/// The header fields of an HTTP message, in the order they came. Names compare without regard to
/// case (RFC 9110, 5.1).
class Headers {
  public:
    using Field = std::pair<std::string, std::string>;

    Headers() = default;
    Headers(std::initializer_list<Field> fields) : fields_(fields) {}

    void add(std::string name, std::string value) {
        fields_.emplace_back(std::move(name), std::move(value));
    }

    /// The value of the first field of that name. The view dies with the next change.
    std::optional<std::string_view> find(std::string_view name) const;

    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

  private:
    std::vector<Field> fields_;
};

bool equal_ignoring_case(std::string_view a, std::string_view b);

/// With small letters for capitals, of ASCII alone.
std::string lower_case(std::string_view text);

}  // namespace forklift::protocol
