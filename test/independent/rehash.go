// A mirror and receipts checked with Go's own sumdb/note and sumdb/tlog (golang.org/x/mod), and no code of the project.
//
// Reads a folder laid out as C2SP tlog-tiles serves it, verifies its checkpoint's signature by the vkey, hashes every entry
// and compares every tile and the root; then, of each receipt, every proof's checkpoint and inclusion, and that its tree is
// a beginning of the mirror's.
//
//	usage: rehash VKEY FOLDER [RECEIPT...]     exit 0: all agree, 1: something does not, 2: could not read it
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

// hashes holds all that Go's tlog stores of a tree, by its own numbering.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(h)) {
			return nil, errors.New("a hash beyond the tree")
		}
		found[i] = h[index]
	}
	return found, nil
}

// openCheckpoint verifies the signature; the origin is the key's name (C2SP tlog-checkpoint).
func openCheckpoint(text []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		return tlog.Tree{}, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// tilePath is Go's path of a tile without its height, which C2SP leaves out.
func tilePath(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
}

func readBundle(folder string, n int64, count int) ([][]byte, error) {
	path := tilePath(tlog.Tile{H: height, L: 0, N: n, W: count})
	path = strings.Replace(path, "tile/0/", "tile/entries/", 1)
	data, err := os.ReadFile(filepath.Join(folder, path))
	if err != nil {
		return nil, err
	}
	entries := make([][]byte, 0, count)
	for len(entries) < count {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, errors.New("a bundle is cut")
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		entries = append(entries, data[2:end])
		data = data[end:]
	}
	if len(data) > 0 {
		return nil, errors.New("a bundle goes on after its end")
	}
	return entries, nil
}

func hashEntries(folder string, size int64) (hashes, error) {
	var stored hashes
	for index := int64(0); index < size; {
		count := size - index
		if count > width {
			count = width
		}
		entries, err := readBundle(folder, index/width, int(count))
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			more, err := tlog.StoredHashes(index, entry, stored)
			if err != nil {
				return nil, err
			}
			stored = append(stored, more...)
			index++
		}
	}
	return stored, nil
}

type receipt struct {
	Slices []struct {
		Entries []string `json:"entries"`
		Proof   string   `json:"proof"`
	} `json:"slices"`
}

// checkProof checks one c2sp.org/tlog-proof@v1 text, and that its tree is a beginning of the mirror's.
func checkProof(text string, entry string, verifier note.Verifier, tree tlog.Tree, stored hashes) error {
	head, checkpoint, found := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		return errors.New("not a tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	shown, err := openCheckpoint([]byte(checkpoint), verifier)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof, shown.N, shown.Hash, index, tlog.RecordHash([]byte(entry))); err != nil {
		return err
	}
	grown, err := tlog.ProveTree(tree.N, shown.N, stored)
	if err != nil {
		return err
	}
	return tlog.CheckTree(grown, tree.N, tree.Hash, shown.N, shown.Hash)
}

func check(vkey, folder string, receipts []string) (map[string]any, []string, error) {
	wrong := []string{}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, nil, err
	}
	text, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return nil, nil, err
	}
	tree, err := openCheckpoint(text, verifier)
	if err != nil {
		return nil, nil, err
	}
	stored, err := hashEntries(folder, tree.N)
	if err != nil {
		return nil, nil, err
	}
	root, err := tlog.TreeHash(tree.N, stored)
	if err != nil {
		return nil, nil, err
	}
	if root != tree.Hash {
		wrong = append(wrong, "the checkpoint's root is not that of the entries")
	}
	tiles := 0
	for _, tile := range tlog.NewTiles(height, 0, tree.N) {
		// Some versions name every narrower tile on the way to this size, too: a mirror has this size's alone.
		if served := tree.N>>(height*tile.L) - tile.N*width; tile.W < width && int64(tile.W) != served {
			continue
		}
		tiles++
		want, err := tlog.ReadTileData(tile, stored)
		if err != nil {
			return nil, nil, err
		}
		served, err := os.ReadFile(filepath.Join(folder, tilePath(tile)))
		if err != nil || !bytes.Equal(served, want) {
			wrong = append(wrong, tilePath(tile)+" is another")
		}
	}
	proofs := 0
	for _, file := range receipts {
		var shown receipt
		data, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(data, &shown)
		}
		if err != nil || len(shown.Slices) == 0 {
			return nil, nil, fmt.Errorf("%s is no receipt: %v", file, err)
		}
		for n, slice := range shown.Slices {
			if len(slice.Entries) == 0 {
				return nil, nil, fmt.Errorf("%s has an empty slice", file)
			}
			last := slice.Entries[len(slice.Entries)-1]
			if err := checkProof(slice.Proof, last, verifier, tree, stored); err != nil {
				wrong = append(wrong, fmt.Sprintf("%s, slice %d: %v", file, n, err))
			}
			proofs++
		}
	}
	return map[string]any{
		"origin": verifier.Name(), "size": tree.N, "root": base64.RawURLEncoding.EncodeToString(root[:]),
		"tiles": tiles, "proofs": proofs, "wrong": wrong,
	}, wrong, nil
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: rehash VKEY FOLDER [RECEIPT...]")
		os.Exit(2)
	}
	found, wrong, err := check(os.Args[1], os.Args[2], os.Args[3:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "rehash:", err)
		os.Exit(2)
	}
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		os.Exit(2)
	}
	if len(wrong) > 0 {
		os.Exit(1)
	}
}
