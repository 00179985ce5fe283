"""Greets whoever the event names. The file is loaded once, and then answers one event after another."""

greeted = []


def handler(event, context):
    name = event["name"]
    greeted.append(name)
    print(f"{context.aws_request_id}: greeting number {len(greeted)}")
    return {"greeting": f"Hello, {name}!", "greeted": greeted}


async def reverse(event, context):
    return event["name"][::-1]
