#include "protocol/worker_reader.h"

#include "protocol/message_cutter.h"

namespace forklift::protocol {

WorkerReader::WorkerReader(Framing framing, std::size_t max_body)
    : cutter_(framing == Framing::lines ? make_line_cutter(max_body)
                                        : make_frame_cutter(max_body)) {}

WorkerReader::~WorkerReader() = default;
WorkerReader::WorkerReader(WorkerReader&&) noexcept = default;
WorkerReader& WorkerReader::operator=(WorkerReader&&) noexcept = default;

void WorkerReader::feed(std::string_view bytes) { cutter_->feed(bytes); }

std::optional<WorkerMessage> WorkerReader::take() { return cutter_->take(); }

const std::optional<std::string>& WorkerReader::mistake() const { return cutter_->mistake(); }

std::size_t WorkerReader::pending() const { return cutter_->pending(); }

}  // namespace forklift::protocol
