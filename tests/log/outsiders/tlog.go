// A second opinion on the log, by an implementation that is not ours: Go's tlog and note.
//
// Each line of the input is a case as JSON, each line of the output says what is wrong with it, or nothing.
// Run it with GO111MODULE=off GOPATH=/usr/share/gocode, where Debian's golang-golang-x-mod-dev lies.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// What somebody claims of a tree. Bytes come as base64, tiles by their address below /log/tile/.
type claims struct {
	Leaves      [][]byte
	Size        int64
	Root        []byte
	Inclusion   []inclusion
	Consistency []consistency
	Tiles       map[string][]byte
	Note, Vkey  string
}

type inclusion struct {
	Index  int64
	Hashes [][]byte
}

type consistency struct {
	Size   int64
	Root   []byte
	Hashes [][]byte
}

// Hashes in the order of tlog's storage, kept in memory.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(s)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		found[i] = s[index]
	}
	return found, nil
}

// Tiles as they were claimed.
type tiles map[string][]byte

func (t tiles) Height() int { return height }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(wanted))
	for i, tile := range wanted {
		address := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
		data, there := t[address]
		if !there {
			return nil, fmt.Errorf("no tile %s", address)
		}
		found[i] = data
	}
	return found, nil
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func main() {
	cases := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := cases.ReadBytes('\n')
		if len(line) > 0 {
			fmt.Println(strings.Join(judge(line), "; "))
		}
		if err != nil {
			return
		}
	}
}

func judge(line []byte) (wrong []string) {
	var c claims
	if err := json.Unmarshal(line, &c); err != nil {
		return []string{err.Error()}
	}
	say := func(err error, format string, about ...any) {
		if err != nil {
			wrong = append(wrong, fmt.Sprintf(format, about...)+": "+err.Error())
		}
	}
	root := hash(c.Root)
	if c.Leaves != nil {
		of, err := store(c.Leaves)
		say(err, "leaves")
		ours, err := tlog.TreeHash(int64(len(c.Leaves)), of)
		say(err, "root")
		say(same(ours == root), "root of %d", len(c.Leaves))
		for _, one := range c.Inclusion {
			say(checkInclusion(c, one, of), "inclusion of %d in %d", one.Index, c.Size)
		}
		for _, one := range c.Consistency {
			say(checkConsistency(c, one, of), "consistency of %d with %d", one.Size, c.Size)
		}
	}
	if c.Tiles != nil {
		say(rebuild(c, root), "tiles")
	}
	if c.Note != "" {
		say(open(c), "note")
	}
	return wrong
}

func store(leaves [][]byte) (stored, error) {
	var all stored
	for i, leaf := range leaves {
		more, err := tlog.StoredHashes(int64(i), leaf, all)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// The proof holds for Go, and is the one that Go would give.
func checkInclusion(c claims, one inclusion, of stored) error {
	proof := tlog.RecordProof(hashes(one.Hashes))
	leaf := tlog.RecordHash(c.Leaves[one.Index])
	if err := tlog.CheckRecord(proof, c.Size, hash(c.Root), one.Index, leaf); err != nil {
		return err
	}
	ours, err := tlog.ProveRecord(c.Size, one.Index, of)
	if err != nil {
		return err
	}
	return same(fmt.Sprint(ours) == fmt.Sprint(proof))
}

func checkConsistency(c claims, one consistency, of stored) error {
	proof := tlog.TreeProof(hashes(one.Hashes))
	if err := tlog.CheckTree(proof, c.Size, hash(c.Root), one.Size, hash(one.Root)); err != nil {
		return err
	}
	ours, err := tlog.ProveTree(c.Size, one.Size, of)
	if err != nil {
		return err
	}
	return same(fmt.Sprint(ours) == fmt.Sprint(proof))
}

// All leaf hashes, read from the tiles, which tlog checks against the root.
func rebuild(c claims, root tlog.Hash) error {
	reader := tlog.TileHashReader(tlog.Tree{N: c.Size, Hash: root}, tiles(c.Tiles))
	indexes := make([]int64, c.Size)
	for n := range indexes {
		indexes[n] = tlog.StoredHashIndex(0, int64(n))
	}
	found, err := reader.ReadHashes(indexes)
	if err != nil {
		return err
	}
	for n, leaf := range c.Leaves {
		if found[n] != tlog.RecordHash(leaf) {
			return fmt.Errorf("leaf %d is another one", n)
		}
	}
	return nil
}

// tlog.ParseTree wants Go's own first line, so the checkpoint is read by its lines.
func open(c claims) error {
	verifier, err := note.NewVerifier(c.Vkey)
	if err != nil {
		return err
	}
	opened, err := note.Open([]byte(c.Note), note.VerifierList(verifier))
	if err != nil {
		return err
	}
	lines := strings.Split(opened.Text, "\n")
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return err
	}
	said := lines[0] == verifier.Name() && lines[1] == fmt.Sprint(c.Size) && bytes.Equal(root[:], c.Root)
	return same(said)
}

func hashes(all [][]byte) []tlog.Hash {
	made := make([]tlog.Hash, len(all))
	for i, one := range all {
		made[i] = hash(one)
	}
	return made
}

func hash(bytes []byte) (made tlog.Hash) {
	copy(made[:], bytes)
	return made
}

func same(is bool) error {
	if is {
		return nil
	}
	return fmt.Errorf("not the same")
}
