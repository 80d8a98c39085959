import { lazy, Suspense } from "react";
import classes from "./MessageText.module.css";

// What has none of these is shown as it is, without the weight of Markdown.
const MAY_BE_MARKDOWN = /[*_~`#>[\]|\\<&]|https?:|www\.|@|^\s*(?:[-+]|\d+[.)])\s|^(?: {4}|\t)|^\s*(?:-{3,}|={3,})\s*$/m;
const ONLY_EMOJI =
  /^(?:(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u{FE0F}|\u{200D})\s*){1,12}$/u;

export const loadMarkdown = () => import("./Markdown");
const Markdown = lazy(loadMarkdown);

/** What somebody wrote: text, or the safe part of Markdown. */
export function MessageText({ text }: { text: string }) {
  const plain = (
    <div className={classes.text} data-large={ONLY_EMOJI.test(text) || undefined}>
      {text}
    </div>
  );
  if (!MAY_BE_MARKDOWN.test(text)) return plain;
  return (
    <Suspense fallback={plain}>
      <Markdown text={text} />
    </Suspense>
  );
}
