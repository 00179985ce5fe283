#include "tests/support/worker.h"

#include "tests/support/json.h"

namespace forklift::test {

Variables as_worker(Variables more) {
    more["FORKLIFT_MODE"] = "worker";
    return more;
}

Variables as_framed_worker(Variables more) {
    more["FORKLIFT_FRAMING"] = "framed";
    return as_worker(std::move(more));
}

std::string worker_loop(const std::string& lines) {
    return "while IFS= read -r event; do\n" + lines + "\ndone";
}

Event event_of(const std::string& payload) {
    Event event;
    event.payload = payload;
    return event;
}

std::string error_type(const Request& request) {
    return request.header("Lambda-Runtime-Function-Error-Type").value_or("none");
}

std::string error_message(const Request& request) {
    return Json(request.body()).text("/errorMessage");
}

}  // namespace forklift::test
