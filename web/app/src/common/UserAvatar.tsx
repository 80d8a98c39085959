import classes from "./UserAvatar.module.css";

interface Person {
  id: number;
  username: string;
  full_name?: string | null;
}

const COLORS = 8;

function initials({ username, full_name }: Person): string {
  const words = (full_name || username).split(/[\s._-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => [...(word ?? "?")][0]).join("");
}

export const displayName = (person: Omit<Person, "id">): string => person.full_name || person.username;

/** A person's initials on a colour of their own. Decoration: the name always stands beside it. */
export function UserAvatar({ user, size = 36, online }: { user: Person; size?: number; online?: boolean }) {
  return (
    <span
      className={classes.avatar}
      data-color={user.id % COLORS}
      style={{ width: size, height: size, fontSize: size * 0.4 }}
      aria-hidden
    >
      {initials(user)}
      {online !== undefined && <span className={classes.dot} data-online={online || undefined} />}
    </span>
  );
}
