#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace forklift::test {

/// A JSON document, read strictly and without code of the project. Throws when it is not JSON or a
/// member is not what the test asks for.
class Json {
  public:
    explicit Json(std::string_view text);
    Json(Json&&) noexcept;
    Json& operator=(Json&&) = delete;
    Json(const Json&) = delete;
    Json& operator=(const Json&) = delete;
    ~Json();

    /// `pointer` is a JSON Pointer (RFC 6901); "" is the document itself.
    bool has(std::string_view pointer) const;
    std::string text(std::string_view pointer = "") const;
    bool boolean(std::string_view pointer = "") const;
    std::int64_t number(std::string_view pointer = "") const;
    /// The array's strings.
    std::vector<std::string> texts(std::string_view pointer) const;
    /// How many members an object has, or elements an array.
    std::size_t size(std::string_view pointer = "") const;

  private:
    struct Document;
    std::unique_ptr<Document> document_;
};

}  // namespace forklift::test
