import { lazy, Suspense } from "react";
import classes from "./MessageText.module.css";

// What has none of these is shown as it is, without the weight of Markdown.
const MAY_BE_MARKDOWN = /[*_~`#>[\]|\\<&]|https?:|www\.|@|^\s*(?:[-+]|\d+[.)])\s|^(?: {4}|\t)|^\s*(?:-{3,}|={3,})\s*$/m;
const ONLY_EMOJI =
  /^(?:(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u{FE0F}|\u{200D})\s*){1,12}$/u;

/** A block of code that says in which language it is. */
const NAMES_A_LANGUAGE = /^ {0,3}(?:```|~~~)[ \t]*\w/m;

export const loadMarkdown = () => import("./Markdown");
// What cannot be loaded now, without a network say, must not take the message with it.
const Markdown = lazy(() => loadMarkdown().catch(() => ({ default: Plain })));
const HighlightedMarkdown = lazy(() =>
  import("./HighlightedMarkdown").catch(loadMarkdown).catch(() => ({ default: Plain })),
);

/** What somebody wrote: text, or the safe part of Markdown. */
export function MessageText({ text }: { text: string }) {
  if (!MAY_BE_MARKDOWN.test(text)) return <Plain text={text} />;
  const Rich = NAMES_A_LANGUAGE.test(text) ? HighlightedMarkdown : Markdown;
  return (
    <Suspense fallback={<Plain text={text} />}>
      <Rich text={text} />
    </Suspense>
  );
}

function Plain({ text }: { text: string }) {
  return (
    <div className={classes.text} data-large={ONLY_EMOJI.test(text) || undefined}>
      {text}
    </div>
  );
}
