import ReactMarkdown, { type Components, type Options } from "react-markdown";
import remarkBreaks from "remark-breaks";
import remarkGfm from "remark-gfm";
import classes from "./Markdown.module.css";

// HTML in a message stays text, since react-markdown passes none on; links keep only harmless schemes. Pictures from
// elsewhere would tell their server who reads: they become links.
const components: Components = {
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ),
  img: ({ src, alt }) => (
    <a href={src} target="_blank" rel="noopener noreferrer nofollow">
      {alt || src}
    </a>
  ),
  // What scrolls must be reached by the keyboard.
  // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
  pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
  table: ({ children }) => (
    <div className={classes.table}>
      <table>{children}</table>
    </div>
  ),
  input: ({ checked }) => <span aria-hidden>{checked ? "☑" : "☐"}</span>,
};

interface Props {
  text: string;
  rehypePlugins?: Options["rehypePlugins"];
}

export default function Markdown({ text, rehypePlugins }: Props) {
  return (
    <div className={classes.markdown}>
      <ReactMarkdown
        remarkPlugins={[[remarkGfm, { singleTilde: false }], remarkBreaks]}
        rehypePlugins={rehypePlugins ?? null}
        components={components}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
}
