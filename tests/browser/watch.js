// Runs in every page before anything else: it notes which re-runs the page asks its server for,
// when they end, and when the page changes.
//
// It listens to Streamlit's own websocket, inside of the page: so a single look sees what was asked
// for together with what is drawn, and no click that has just asked for a re-run can be overlooked.
// The messages are protobufs, BackMsg to the server and ForwardMsg from it; a few fields are read.
(() => {
    const NOTHING = null, ASKED = 'asked', BEGUN = 'begun';
    const seen = {
        asked: 0, // re-runs that somebody's act has asked for since the page was opened
        before: 0, // of these, those before the act that is waited for; a new page knows no such act
        ended: 0, // runs that have ended since then
        whole: NOTHING, // how far the re-run of the whole page is that was asked for last
        unseen: 0, // of those asked for in quick succession: how many may still begin
        again: false, // the run that begins next goes on with the one that has just ended
        fragments: new Set(), // parts of the page that were asked for, and have not come yet
        unasked: false, // what runs at this moment is a part that looks for news by itself
        changes: 0, // of the document
        still: 0, // frames that the page has been finished and unchanged for
        changesThen: 0, // as the last such frame saw them
    };
    window.seenOfPage = seen;

    // The fields of a protobuf, as pairs of its number and a number or bytes.
    const fields = bytes => {
        const found = [];
        let at = 0;
        const varint = () => {
            let value = 0, unit = 1, byte;
            do {
                byte = bytes[at++];
                value += (byte & 127) * unit;
                unit *= 128;
            } while (byte & 128);
            return value;
        };
        while (at < bytes.length) {
            const key = varint(), kind = key & 7, number = key >> 3;
            if (kind === 0) {
                found.push([number, varint()]);
            } else if (kind === 2) {
                const length = varint();
                found.push([number, bytes.subarray(at, at + length)]);
                at += length;
            } else {
                at += kind === 1 ? 8 : 4;
            }
        }
        return found;
    };
    const values = (bytes, number) =>
        bytes === undefined ? [] : fields(bytes).filter(one => one[0] === number).map(one => one[1]);
    const text = bytes => new TextDecoder().decode(bytes);

    const sent = message => {
        const [rerun] = values(message, 11); // BackMsg.rerun_script
        if (rerun === undefined || values(rerun, 6)[0]) return; // ClientState.is_auto_rerun
        const fragment = values(rerun, 5).map(text)[0]; // ClientState.fragment_id
        seen.asked += 1;
        if (fragment) {
            seen.fragments.add(fragment);
        } else {
            // The server gives up what it runs, and draws the whole page: its parts, too. Of what
            // it gives up in time the beginning is never told; of others, the end may come, too.
            seen.unseen = seen.whole === ASKED ? seen.unseen + 1 : 1;
            seen.whole = ASKED;
            seen.fragments.clear();
        }
    };

    const received = message => {
        const [begun] = values(message, 4); // ForwardMsg.new_session
        const [ended] = values(message, 6); // ForwardMsg.script_finished
        if (begun === undefined && ended === undefined) return;
        const [run] = values(values(message, 2)[0], 6); // ForwardMsg.metadata.run
        const parts = values(run, 2).map(text); // RunIdentity.fragment_ids; none: the whole page
        if (begun !== undefined) {
            seen.unasked = parts.length > 0 && !parts.some(one => seen.fragments.has(one));
            if (parts.length === 0) {
                if (!seen.again) seen.unseen = Math.max(0, seen.unseen - 1);
                seen.again = false;
                seen.whole = BEGUN;
                seen.fragments.clear();
            }
            return;
        }
        seen.unasked = false;
        parts.forEach(one => seen.fragments.delete(one));
        // Whoever ends early (2) begins again. An end without a beginning is of a run before.
        if (ended === 2) seen.again = true;
        if (parts.length === 0 && ended !== 2) {
            seen.ended += 1;
            if (seen.whole === BEGUN) seen.whole = NOTHING;
        }
    };

    const Socket = window.WebSocket;
    window.WebSocket = class extends Socket {
        constructor(...asked) {
            super(...asked);
            // What an earlier connection still owes never comes.
            seen.whole = NOTHING;
            seen.unseen = 0;
            seen.fragments.clear();
            seen.unasked = false;
            this.addEventListener('message', event => {
                if (event.data instanceof ArrayBuffer) received(new Uint8Array(event.data));
            });
        }
        send(message) {
            if (message instanceof Uint8Array) sent(message);
            super.send(message);
        }
    };

    new MutationObserver(changes => {
        // A run that begins and ends is no change of what is drawn.
        const drawn = changes.filter(one => one.attributeName !== 'data-test-script-state');
        seen.changes += drawn.length;
    }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
})();
