import { Stored } from "./stored";

export interface Preferences {
  /** Whether the browser shows notifications; it has to be allowed to. */
  notify: boolean;
  showMembers: boolean;
}

export const preferences = new Stored<Preferences>("preferences", { notify: false, showMembers: true });
