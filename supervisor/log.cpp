#include "supervisor/log.h"

#include <utility>

namespace forklift::supervisor {

Log::Log(boost::asio::any_io_executor executor, int fd, LogFormat format, LogLevel level)
    : format_(format), level_(level), pipe_(executor, fd) {}

void Log::record(LogLevel level, std::string_view request_id, std::string_view message) {
    if (level < level_) return;
    text(this, format_record(format_, level, request_id, message));
}

void Log::text(const void* writer, std::string_view text) {
    if (text.empty()) return;
    if (open_writer_ && open_writer_ != writer) {
        held_back_ += text;
        return;
    }
    pipe_.write(text);
    open_writer_ = text.ends_with('\n') ? nullptr : writer;
    if (!open_writer_ && !held_back_.empty()) pipe_.write(std::exchange(held_back_, {}));
}

void Log::end_line(const void* writer) {
    if (open_writer_ == writer) text(writer, "\n");
}

}  // namespace forklift::supervisor
