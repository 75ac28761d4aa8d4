/** The sign of the pages in a browser's tab: the seal of the head. Drawn, so that it needs no font. */
export const ICON_SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="5" fill="#a3271c"/>
<rect x="3" y="3" width="26" height="26" rx="3" fill="none" stroke="#fff" stroke-width="1.5"/>
<path d="m9 16.5 5 5 9.5-11" fill="none" stroke="#fff" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round"/></svg>
`;
