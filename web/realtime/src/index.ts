export { RealtimeClient, type RealtimeEvents, type RealtimeOptions, type Status } from "./client.js";
export { type AfterClose, afterClose } from "./close_codes.js";
export type * from "./events.js";
export type { OutgoingMessage } from "./outbox.js";
