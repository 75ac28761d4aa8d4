/** The header that names a file to keep (RFC 6266), in Chinese (RFC 8187) and for who reads ASCII only. */
export function attachment(ascii: string, name: string): string {
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
