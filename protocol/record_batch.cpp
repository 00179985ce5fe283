#include "protocol/record_batch.h"

#include <fmt/format.h>

#include <array>

#include "protocol/json.h"
#include "protocol/json_pointer.h"

namespace forklift::protocol {

namespace {

/// The largest BatchSize of an event source mapping
/// (https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html).
constexpr std::size_t max_records = 10'000;

/// Where a source has the identifier that batchItemFailures is to name
/// (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html and its sisters
/// for Kinesis and DynamoDB).
struct Source {
    std::string_view name;
    std::string_view id;
    bool is_stream;
};

constexpr std::array<Source, 3> sources = {{
    {"aws:sqs", "/messageId", false},
    {"aws:kinesis", "/kinesis/sequenceNumber", true},
    {"aws:dynamodb", "/dynamodb/SequenceNumber", true},
}};

std::string member_text(const JsonValue& record, std::string_view name) {
    const auto value = record.member(name);
    return value ? value->string().value_or("") : "";
}

const Source* source_of(const JsonValue& record) {
    const std::string name = member_text(record, "eventSource");
    for (const Source& source : sources) {
        if (source.name == name) return &source;
    }
    return nullptr;
}

}  // namespace

std::variant<RecordBatch, NotInEvent> read_records(const JsonValue& array) {
    if (array.kind() != JsonValue::Kind::array)
        return NotInEvent{fmt::format("the records are {}, not an array", in_words(array.kind()))};
    RecordBatch batch;
    for (const JsonValue& record : array.elements()) {
        const std::size_t index = batch.records.size();
        if (index == max_records)
            return NotInEvent{fmt::format("the batch has more than {} records", max_records)};
        const Source* source = source_of(record);
        if (!source) {
            return NotInEvent{fmt::format(
                "record {} does not come from a source that takes batchItemFailures: its "
                "eventSource must be aws:sqs, aws:kinesis or aws:dynamodb",
                index)};
        }
        const auto id = JsonPointer::parse(source->id)->find(record);
        auto text = id ? id->string() : std::nullopt;
        if (!text || text->empty()) {
            return NotInEvent{fmt::format("record {} has no identifier at {}", index, source->id)};
        }
        if (source->is_stream || member_text(record, "eventSourceARN").ends_with(".fifo"))
            batch.ordered = true;
        batch.records.push_back({std::move(*text), record});
    }
    return batch;
}

std::string batch_answer(const std::vector<std::string>& failed) {
    std::string items;
    for (const std::string& id : failed) {
        if (!items.empty()) items += ',';
        items += JsonObject().text("itemIdentifier", id).finish();
    }
    return JsonObject().raw("batchItemFailures", "[" + items + "]").finish();
}

}  // namespace forklift::protocol
