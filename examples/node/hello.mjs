// Greets whoever the event names. The file is loaded once, and then answers one event after another.

const greeted = [];

export const handler = async ({ name }, context) => {
  if (typeof name !== "string") throw new TypeError("the event has no name");
  greeted.push(name);
  console.log(`${context.awsRequestId}: greeting number ${greeted.length}`);
  return { greeting: `Hello, ${name}!`, greeted };
};

export const stream = awslambda.streamifyResponse(async (event, responseStream) => {
  responseStream.setContentType("text/plain");
  for (const letter of event.name) responseStream.write(`${letter}\n`);
  responseStream.end();
});
