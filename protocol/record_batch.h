#pragma once

#include <string>
#include <variant>
#include <vector>

#include "protocol/http_event.h"
#include "protocol/json_value.h"

namespace forklift::protocol {

/// One record of a batch, and the name under which its source knows it.
struct Record {
    std::string id;
    JsonValue value;
};

/// The records of an SQS, Kinesis or DynamoDB Streams event.
struct RecordBatch {
    /// The source keeps an order (a stream, a FIFO queue): after a record that failed, none may be
    /// taken.
    bool ordered = false;
    std::vector<Record> records;
};

/// Reads the array of records. NotInEvent when it is not one, when its source is not one of the
/// three, when a record has no identifier, or when there are more than 10,000.
std::variant<RecordBatch, NotInEvent> read_records(const JsonValue& array);

/// The answer to a batch: {"batchItemFailures":[{"itemIdentifier":...},...]}.
std::string batch_answer(const std::vector<std::string>& failed);

}  // namespace forklift::protocol
