#include "tests/support/json.h"

#include <simdjson.h>

#include <stdexcept>

namespace forklift::test {

struct Json::Document {
    simdjson::dom::parser parser;
    simdjson::dom::element root;

    simdjson::dom::element at(std::string_view pointer) const {
        return pointer.empty() ? root : root.at_pointer(pointer).value();
    }
};

Json::Json(std::string_view text) : document_(std::make_unique<Document>()) {
    const auto error = document_->parser.parse(text.data(), text.size()).get(document_->root);
    if (error) throw std::runtime_error("not JSON: " + std::string(text.substr(0, 500)));
}

Json::Json(Json&&) noexcept = default;
Json::~Json() = default;

bool Json::has(std::string_view pointer) const {
    return document_->root.at_pointer(pointer).error() == simdjson::SUCCESS;
}

std::string Json::text(std::string_view pointer) const {
    return std::string(document_->at(pointer).get_string().value());
}

std::int64_t Json::number(std::string_view pointer) const {
    return document_->at(pointer).get_int64().value();
}

bool Json::boolean(std::string_view pointer) const {
    return document_->at(pointer).get_bool().value();
}

std::vector<std::string> Json::texts(std::string_view pointer) const {
    std::vector<std::string> result;
    const simdjson::dom::array array = document_->at(pointer).get_array().value();
    for (const auto element : array) result.emplace_back(element.get_string().value());
    return result;
}

std::size_t Json::size(std::string_view pointer) const {
    const auto element = document_->at(pointer);
    if (element.is_object()) return element.get_object().value().size();
    return element.get_array().value().size();
}

}  // namespace forklift::test
