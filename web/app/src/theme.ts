import { Badge, type CSSVariablesResolver, createTheme, type MantineColorsTuple, Menu } from "@mantine/core";

const violet: MantineColorsTuple = [
  "#f3f1fe",
  "#e4e0fb",
  "#c8c1f6",
  "#aaa0f1",
  "#9186ec",
  "#7a6ee4",
  "#5b4fd6",
  "#4d42bb",
  "#3f3699",
  "#2f2875",
];

const dark: MantineColorsTuple = [
  "#cfced8",
  "#b9b8c5",
  "#9493a1",
  "#6d6c7c",
  "#43444f",
  "#363741",
  "#292a33",
  "#1b1c22",
  "#15161a",
  "#0f1013",
];

export const theme = createTheme({
  colors: { violet, dark },
  primaryColor: "violet",
  primaryShade: { light: 6, dark: 6 },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  // Its invisible first stop is no menu item, which a screen reader expects there.
  components: {
    Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false } }),
    Badge: Badge.extend({ defaultProps: { tt: "none" } }),
  },
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Ubuntu, Cantarell, "Helvetica Neue", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Code", "JetBrains Mono", Menlo, Consolas, monospace',
});

// The surfaces of the chat, and Mantine's faint colours in a contrast of at least 4.5 (WCAG 1.4.3).
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-text": "#1d1c24",
    "--mantine-color-dimmed": "#5f5e6b",
    "--mantine-color-placeholder": "#6c6b78",
    "--mantine-color-error": "#c4232b",
    "--mantine-color-anchor": "#4d42bb",
    "--izpo-surface": "#ffffff",
    "--izpo-sidebar": "#f5f4f9",
    "--izpo-raised": "#ffffff",
    "--izpo-hover": "rgb(40 30 90 / 5%)",
    "--izpo-selected": "#e4e0fb",
    "--izpo-selected-text": "#372e8f",
    "--izpo-border": "#e5e3ec",
    "--izpo-online": "#1f9d57",
    "--izpo-offline": "#b4b3be",
    "--izpo-unread": "#c4232b",
    "--izpo-code": "#f4f3f8",
    "--izpo-focus": "#5b4fd6",
  },
  dark: {
    "--mantine-color-text": "#e6e5ec",
    "--mantine-color-body": "#1b1c22",
    "--mantine-color-dimmed": "#a5a4b2",
    "--mantine-color-placeholder": "#9493a1",
    "--mantine-color-error": "#ff8f94",
    "--mantine-color-anchor": "#b3aaf7",
    "--mantine-color-violet-light": "rgb(145 134 236 / 18%)",
    "--mantine-color-violet-light-hover": "rgb(145 134 236 / 26%)",
    "--mantine-color-violet-light-color": "#d5cffc",
    "--izpo-surface": "#1b1c22",
    "--izpo-sidebar": "#131418",
    "--izpo-raised": "#24252d",
    "--izpo-hover": "rgb(255 255 255 / 4%)",
    "--izpo-selected": "#322c66",
    "--izpo-selected-text": "#e4e0fb",
    "--izpo-border": "#2e2f39",
    "--izpo-online": "#3ac47d",
    "--izpo-offline": "#62626f",
    "--izpo-unread": "#ff8f94",
    "--izpo-code": "#131418",
    "--izpo-focus": "#9186ec",
  },
});
