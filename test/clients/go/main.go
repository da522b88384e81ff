// Carries out calls with cloud.google.com/go/storage: go-client BUCKET, and STORAGE_EMULATOR_HOST in the environment.
package main

import (
	"bufio"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"cloud.google.com/go/storage"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/iterator"
)

type call struct {
	Op                    string            `json:"op"`
	Name                  string            `json:"name"`
	Text                  string            `json:"text"`
	Repeat                int               `json:"repeat"`
	Metadata              map[string]string `json:"metadata"`
	Offset                int64             `json:"offset"`
	Length                *int64            `json:"length"`
	Prefix                string            `json:"prefix"`
	Delimiter             string            `json:"delimiter"`
	IfGenerationMatch     string            `json:"ifGenerationMatch"`
	IfMetagenerationMatch string            `json:"ifMetagenerationMatch"`
}

type seen struct {
	Name           string            `json:"name"`
	Generation     string            `json:"generation"`
	Metageneration string            `json:"metageneration"`
	Size           string            `json:"size"`
	ContentType    string            `json:"contentType,omitempty"`
	CacheControl   string            `json:"cacheControl,omitempty"`
	StorageClass   string            `json:"storageClass,omitempty"`
	Metadata       map[string]string `json:"metadata,omitempty"`
}

type outcome struct {
	Status   int      `json:"status"`
	Object   *seen    `json:"object,omitempty"`
	Size     int      `json:"size"`
	MD5      string   `json:"md5,omitempty"`
	Names    []string `json:"names,omitempty"`
	Prefixes []string `json:"prefixes,omitempty"`
	Failure  string   `json:"failure,omitempty"`
}

// guarded puts the preconditions of a call on an object.
func guarded(object *storage.ObjectHandle, asked call) *storage.ObjectHandle {
	var conditions storage.Conditions
	if asked.IfGenerationMatch == "0" {
		conditions.DoesNotExist = true
	} else if asked.IfGenerationMatch != "" {
		conditions.GenerationMatch, _ = strconv.ParseInt(asked.IfGenerationMatch, 10, 64)
	}
	if asked.IfMetagenerationMatch != "" {
		conditions.MetagenerationMatch, _ = strconv.ParseInt(asked.IfMetagenerationMatch, 10, 64)
	}
	if conditions == (storage.Conditions{}) {
		return object
	}
	return object.If(conditions)
}

func create(ctx context.Context, object *storage.ObjectHandle, asked call) error {
	writer := object.NewWriter(ctx)
	writer.ContentType = "text/plain"
	writer.Metadata = asked.Metadata
	if _, err := io.Copy(writer, strings.NewReader(strings.Repeat(asked.Text, asked.Repeat))); err != nil {
		writer.Close()
		return err
	}
	return writer.Close()
}

func describe(ctx context.Context, object *storage.ObjectHandle) (*seen, error) {
	attrs, err := object.Attrs(ctx)
	if err != nil {
		return nil, err
	}
	return &seen{
		Name:           attrs.Name,
		Generation:     strconv.FormatInt(attrs.Generation, 10),
		Metageneration: strconv.FormatInt(attrs.Metageneration, 10),
		Size:           strconv.FormatInt(attrs.Size, 10),
		ContentType:    attrs.ContentType,
		CacheControl:   attrs.CacheControl,
		StorageClass:   attrs.StorageClass,
		Metadata:       attrs.Metadata,
	}, nil
}

func read(ctx context.Context, object *storage.ObjectHandle, asked call) ([]byte, error) {
	length := int64(-1)
	if asked.Length != nil {
		length = *asked.Length
	}
	reader, err := object.NewRangeReader(ctx, asked.Offset, length)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return io.ReadAll(reader)
}

func list(ctx context.Context, bucket *storage.BucketHandle, asked call) (names, prefixes []string, err error) {
	objects := bucket.Objects(ctx, &storage.Query{Prefix: asked.Prefix, Delimiter: asked.Delimiter})
	for {
		attrs, err := objects.Next()
		if errors.Is(err, iterator.Done) {
			return names, prefixes, nil
		}
		if err != nil {
			return nil, nil, err
		}
		if attrs.Prefix != "" {
			prefixes = append(prefixes, attrs.Prefix)
		} else {
			names = append(names, attrs.Name)
		}
	}
}

func carryOut(ctx context.Context, bucket *storage.BucketHandle, asked call) (done outcome, err error) {
	done.Status = 200
	object := bucket.Object(asked.Name)
	switch asked.Op {
	case "create":
		err = create(ctx, guarded(object, asked), asked)
	case "describe":
		done.Object, err = describe(ctx, object)
	case "read":
		var body []byte
		body, err = read(ctx, object, asked)
		sum := md5.Sum(body)
		done.Size, done.MD5 = len(body), hex.EncodeToString(sum[:])
	case "patch":
		_, err = guarded(object, asked).Update(ctx, storage.ObjectAttrsToUpdate{Metadata: asked.Metadata})
	case "list":
		done.Names, done.Prefixes, err = list(ctx, bucket, asked)
	case "delete":
		err = guarded(object, asked).Delete(ctx)
	default:
		err = fmt.Errorf("no such call: %s", asked.Op)
	}
	return done, err
}

func failed(err error) outcome {
	var answer *googleapi.Error
	switch {
	case errors.Is(err, storage.ErrObjectNotExist):
		return outcome{Status: 404}
	case errors.As(err, &answer):
		return outcome{Status: answer.Code}
	default:
		return outcome{Failure: err.Error()}
	}
}

func main() {
	ctx := context.Background()
	client, err := storage.NewClient(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	bucket := client.Bucket(os.Args[1])
	answers := json.NewEncoder(os.Stdout)
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var asked call
		if err := json.Unmarshal(line, &asked); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		done, err := carryOut(ctx, bucket, asked)
		if err != nil {
			done = failed(err)
		}
		if err := answers.Encode(done); err != nil {
			return
		}
	}
}
