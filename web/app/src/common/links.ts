/**
 * The server's absolute link, on the address by which this page came: behind a proxy the two may differ, and the page asks
 * no other host.
 */
export function localUrl(link: string): string {
  const { pathname, search } = new URL(link, window.location.href);
  return pathname + search;
}
