#include "local/body_budget.h"

namespace forklift::local {

bool BodyBudget::Share::take(std::size_t bytes) {
    if (!budget_.has_room(bytes)) return false;
    take_anyway(bytes);
    return true;
}

void BodyBudget::Share::take_anyway(std::size_t bytes) {
    taken_ += bytes;
    budget_.used_ += bytes;
}

void BodyBudget::Share::give_back() {
    budget_.used_ -= taken_;
    taken_ = 0;
}

}  // namespace forklift::local
