import rehypeHighlight from "rehype-highlight";
import Markdown from "./Markdown";

const PLUGINS = [[rehypeHighlight, { detect: false }]] satisfies React.ComponentProps<typeof Markdown>["rehypePlugins"];

/** Markdown with coloured code: apart, since knowing the languages weighs as much as all the rest of it. */
export default function HighlightedMarkdown({ text }: { text: string }) {
  return <Markdown text={text} rehypePlugins={PLUGINS} />;
}
