#include "protocol/web_answer.h"

#include <map>
#include <set>
#include <vector>

#include "protocol/base64.h"
#include "protocol/http_field.h"
#include "protocol/json.h"

namespace forklift::protocol {

namespace {

constexpr std::string_view set_cookie = "Set-Cookie";

struct Field {
    std::string name;
    std::vector<std::string> values;

    bool is_cookies() const { return equal_ignoring_case(name, set_cookie); }
};

/// The fields to pass on, each name once.
std::vector<Field> fields_of(const HttpResponse& response) {
    std::vector<Field> fields;
    std::map<std::string, std::size_t> places;
    std::set<std::string> of_the_connection;
    for_each_element(response.headers, "Connection",
                     [&](std::string_view name) { of_the_connection.insert(lower_case(name)); });
    for (const auto& [name, value] : response.headers) {
        const std::string key = lower_case(name);
        if (is_hop_by_hop(name) || key == "content-length" || of_the_connection.contains(key))
            continue;
        const auto [place, is_new] = places.emplace(key, fields.size());
        if (is_new) fields.push_back({name, {}});
        fields[place->second].values.push_back(value);
    }
    return fields;
}

/// Several values of one field mean the same as one with commas between (RFC 9110, 5.3).
std::string joined(const std::vector<std::string>& values) {
    std::string all;
    for (const std::string& value : values) all += (all.empty() ? "" : ", ") + value;
    return all;
}

/// The name in its spelling of that number, of all that differ in the case of letters: a load
/// balancer takes one value for each name, and hands on those of every spelling.
std::string spelling(std::string_view name, std::size_t number) {
    std::string spelled(name);
    for (char& c : spelled) {
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter) continue;
        if (number & 1) c = static_cast<char>(c ^ 0x20);
        number >>= 1;
    }
    return spelled;
}

void add_headers(JsonObject& answer, WebForm form, const std::vector<Field>& fields) {
    JsonObject headers;
    for (const Field& field : fields) {
        if (form == WebForm::every_value) {
            headers.texts(field.name, field.values);
        } else if (!field.is_cookies()) {
            headers.text(field.name, joined(field.values));
        } else if (form == WebForm::payload_2) {
            answer.texts("cookies", field.values);
        } else {
            for (std::size_t i = 0; i < field.values.size(); ++i)
                headers.text(spelling(set_cookie, i), field.values[i]);
        }
    }
    answer.raw(form == WebForm::every_value ? "multiValueHeaders" : "headers", headers.finish());
}

}  // namespace

std::string web_answer(WebForm form, const HttpResponse& response) {
    JsonObject answer;
    answer.raw("statusCode", std::to_string(response.status));
    add_headers(answer, form, fields_of(response));
    const bool is_text = is_utf8(response.body);
    if (is_text)
        answer.text("body", response.body);
    else
        answer.text("body", base64_encode(response.body));
    answer.raw("isBase64Encoded", is_text ? "false" : "true");
    return answer.finish();
}

}  // namespace forklift::protocol
