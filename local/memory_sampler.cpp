#include "local/memory_sampler.h"

#include <algorithm>
#include <new>

namespace forklift::local {

using namespace std::chrono_literals;

namespace {

constexpr auto first_sample = 1ms;
constexpr auto sample_interval = 5ms;

}  // namespace

void MemorySampler::begin() {
    runs_ = true;
    gauge_.begin();
    sample_after(first_sample);
}

void MemorySampler::stop() {
    runs_ = false;
    timer_.cancel();
}

void MemorySampler::sample() {
    try {
        gauge_.sample();
    } catch (const std::bad_alloc&) {
        // Something is missed between any two samples: one fewer is no failure.
    }
}

void MemorySampler::sample_after(std::chrono::milliseconds delay) {
    timer_.expires_after(delay);
    timer_.async_wait([self = shared_from_this(), delay](const boost::system::error_code& error) {
        if (error || !self->runs_) return;
        self->sample();
        self->sample_after(std::min<std::chrono::milliseconds>(2 * delay, sample_interval));
    });
}

}  // namespace forklift::local
