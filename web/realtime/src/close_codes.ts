/** What a client does after its connection was closed (docs/protocol.md, "Close codes"). */
export type AfterClose =
  /** Come back, with a growing delay. */
  | "return"
  /** Come back, but not soon: the server has trouble, or too many asked. */
  | "return-slowly"
  /** Come back, and load what was shown again: the position is not good any more. */
  | "reload"
  /** The token was not taken: come back with a new one, if there is one. */
  | "new-token"
  /** Do not come back: the same would happen again. */
  | "stop";

export function afterClose(code: number): AfterClose {
  switch (code) {
    case 1002: // we broke the protocol
    case 1003: // we sent what is not understood
    case 1007: // we sent what is not UTF-8
    case 1009: // a message was too big
    case 4403: // no member any more
    case 4404: // the room is gone
      return "stop";
    case 1008: // bad token
    case 4401: // login ended
      return "new-token";
    case 1011: // a bug in the server
    case 1013: // overloaded
    case 4429: // too many
      return "return-slowly";
    case 4002:
      return "reload";
    default: // 1006 broken, 1012 restart, 4001 too slow, 4003 no sign of life, and what we do not know
      return "return";
  }
}
