import { Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
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

/** From here on a message is shown by its beginning, and whole when it is asked for. */
const LONG_TEXT = 2_500;
const LONG_LINES = 30;

const isLong = (text: string) => text.length > LONG_TEXT || text.split("\n", LONG_LINES + 1).length > LONG_LINES;

/** What somebody wrote: text, or the safe part of Markdown. */
export function MessageText({ text }: { text: string }) {
  return isLong(text) ? <Folded text={text} /> : <Formatted text={text} />;
}

function Folded({ text }: { text: string }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <div className={classes.folded} data-open={isOpen || undefined}>
        <Formatted text={text} />
      </div>
      <Button size="compact-sm" variant="subtle" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        {isOpen ? t("message.showLess") : t("message.showAll")}
      </Button>
    </>
  );
}

function Formatted({ text }: { text: string }) {
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
