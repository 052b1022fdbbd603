// Package uploader moves log files of Heron 200 loggers from a field laptop to Sluice, over connections that come and go.
//
// It is safe to pull the plug at any moment: a file is marked as done only after the server has answered, and a file that
// is sent twice replaces the same records (see API v3, import).
package uploader

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// MaxAttempts of one file in one run. Afterwards the file is left for the next run, which is started every 20 minutes.
const MaxAttempts = 6

// firstDelay is doubled after each failed attempt, up to longestDelay, with up to 25 % of jitter, so that forty laptops
// that come back into coverage at the same pier do not knock at once.
const (
	firstDelay   = 2 * time.Second
	longestDelay = 90 * time.Second
)

// ErrRefused means that the server will never take this file. It is moved to the folder "refused" with the reason beside
// it, and nobody tries again.
var ErrRefused = errors.New("file was refused")

// Uploader sends files of one folder.
type Uploader struct {
	Client *http.Client
	Base   string
	Token  string
	Folder string
}

// Run sends everything in the folder, oldest first, and returns the number of files sent.
func (u *Uploader) Run(ctx context.Context) (int, error) {
	files, err := filepath.Glob(filepath.Join(u.Folder, "LOG*.CSV"))
	if err != nil {
		return 0, err
	}
	sent := 0
	for _, file := range files {
		err := u.sendWithRetry(ctx, file)
		switch {
		case errors.Is(err, ErrRefused):
			if err := os.Rename(file, filepath.Join(u.Folder, "refused", filepath.Base(file))); err != nil {
				return sent, fmt.Errorf("cannot move refused file: %w", err)
			}
		case err != nil:
			return sent, err
		default:
			sent++
		}
	}
	return sent, nil
}

func (u *Uploader) sendWithRetry(ctx context.Context, file string) error {
	delay := firstDelay
	for attempt := 1; ; attempt++ {
		wait, err := u.send(ctx, file)
		if err == nil || errors.Is(err, ErrRefused) {
			return err
		}
		if attempt == MaxAttempts {
			return fmt.Errorf("gave up on %s after %d attempts: %w", file, attempt, err)
		}
		// The server's own wish beats our schedule, in both directions.
		if wait == 0 {
			wait = delay + time.Duration(rand.Int63n(int64(delay/4)))
			delay = min(delay*2, longestDelay)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// send makes one attempt. The wait is what the server asks for, 0 if it does not say.
func (u *Uploader) send(ctx context.Context, file string) (time.Duration, error) {
	content, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer content.Close()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, u.Base+"/import", content)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer "+u.Token)
	response, err := u.Client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode < 300:
		return 0, os.Rename(file, filepath.Join(u.Folder, "done", filepath.Base(file)))
	case response.StatusCode == http.StatusTooManyRequests || response.StatusCode >= 500:
		return retryAfter(response), fmt.Errorf("server answered %s", response.Status)
	default:
		return 0, fmt.Errorf("%w: %s", ErrRefused, response.Status)
	}
}

// retryAfter reads the header in seconds. Dates are not accepted: the clocks of field laptops are wrong too often.
func retryAfter(response *http.Response) time.Duration {
	seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
	if err != nil || seconds < 0 || seconds > 900 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
