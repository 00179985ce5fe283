// A framed worker that answers each event with the headers of its request, as an object.
#include <cstdio>
#include <iostream>
#include <string>

int main() {
    std::string line;
    while (std::getline(std::cin, line)) {
        std::string id;
        std::string members;
        std::size_t length = 0;
        for (; !line.empty() && line != "\r"; std::getline(std::cin, line)) {
            if (line.back() == '\r') line.pop_back();
            const auto colon = line.find(": ");
            const std::string name = line.substr(0, colon);
            const std::string value = line.substr(colon + 2);
            if (name == "Lambda-Runtime-Aws-Request-Id") id = value;
            if (name == "Content-Length") length = std::stoul(value);
            members += (members.empty() ? "\"" : ",\"") + name + "\":\"" + value + "\"";
        }
        // ignore() would wait for the byte after them.
        std::string event(length, '\0');
        std::cin.read(event.data(), static_cast<std::streamsize>(length));
        const std::string body = "{" + members + "}";
        std::printf("Lambda-Runtime-Aws-Request-Id: %s\r\nContent-Length: %zu\r\n\r\n%s",
                    id.c_str(), body.size(), body.c_str());
        std::fflush(stdout);
    }
}
