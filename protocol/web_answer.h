#pragma once

#include <string>

#include "protocol/http_message.h"
#include "protocol/web_request.h"

namespace forklift::protocol {

/// A web server's response as the JSON object that Lambda wants for an event of `form`: status,
/// headers without those of the connection, and the body as text when it is UTF-8, else as base64.
/// Fields that came more than once are all in it; for WebForm::last_value, which holds one value
/// for a name, cookies stand under Set-Cookie in up to 512 spellings (set-Cookie, SEt-Cookie, ...).
std::string web_answer(WebForm form, const HttpResponse& response);

}  // namespace forklift::protocol
